"""Leaving out of the bundle what no function ever reads: it costs time at every cold start and deployment.

boto3 is bundled although Lambda brings one: Lambda's changes under a running shop, ours is the one that was tested. Of
its descriptions of some 400 services only those that functions call are kept.
"""

import shutil
from pathlib import Path

RULES_VERSION = "6"  # raise it when a rule changes, so that cached packages are made anew

# Services that functions make clients for; a test compares this with the code.
BOTO_SERVICES = frozenset(
    {
        "dynamodb",
        "dynamodbstreams",
        "firehose",
        "lambda",
        "pinpoint",
        "pinpoint-sms-voice-v2",
        "s3",
        "secretsmanager",
        "sesv2",
        "sns",
        "sqs",
    }
)

# Languages whose number and date formats templates may ask for, in all their countries; all others weigh 30 MB.
LOCALES = ("root", "en", "tr")

_UNUSED_FOLDERS = (
    "bin",
    "boto3/examples",
    "phonenumbers/carrierdata",
    "phonenumbers/geodata",
    "phonenumbers/tzdata",
)


def slim(packages: Path) -> None:
    """Remove caches, tests, installers' notes and data that functions never read from a directory of packages."""
    for folder in (
        *(packages / name for name in _UNUSED_FOLDERS),
        *_test_folders(packages),
        *_unused_services(packages),
    ):
        shutil.rmtree(folder, ignore_errors=True)
    for file in (
        *_unused_locales(packages),
        *_installers_notes(packages),
        *packages.rglob("*.pyi"),
        packages / ".lock",
    ):
        file.unlink(missing_ok=True)


def _test_folders(packages: Path) -> list[Path]:
    return [*packages.rglob("__pycache__"), *packages.rglob("tests")]


def _unused_services(packages: Path) -> list[Path]:
    services = (*(packages / "botocore" / "data").glob("*/"), *(packages / "boto3" / "data").glob("*/"))
    return [folder for folder in services if folder.is_dir() and folder.name not in BOTO_SERVICES]


def _unused_locales(packages: Path) -> list[Path]:
    locales = (packages / "babel" / "locale-data").glob("*.dat")
    return [locale for locale in locales if locale.stem.split("_")[0] not in LOCALES]


def _installers_notes(packages: Path) -> list[Path]:
    """What installers leave behind; licences and versions stay, some packages ask for their own version."""
    names = ("RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json")
    return [notes / name for notes in packages.glob("*.dist-info") for name in names]

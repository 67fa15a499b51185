"""Leaving out of the bundle what no function ever reads: it costs time at every cold start and deployment.

boto3 is bundled although Lambda brings one: Lambda's changes under a running shop, ours is the one that was tested. Of its
descriptions of some 400 services only those that functions call are kept.
"""

import shutil
from pathlib import Path

RULES_VERSION = "2"  # raise it when a rule changes, so that cached packages are made anew

# Services that functions make clients for; a test compares this with the code.
BOTO_SERVICES = frozenset({"dynamodb", "pinpoint", "secretsmanager", "sesv2", "sns", "sqs"})

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
    for folder in _UNUSED_FOLDERS:
        shutil.rmtree(packages / folder, ignore_errors=True)
    for pattern in ("**/__pycache__", "**/tests"):
        for folder_found in list(packages.glob(pattern)):
            shutil.rmtree(folder_found, ignore_errors=True)
    for service in (packages / "botocore" / "data").iterdir():
        if service.is_dir() and service.name not in BOTO_SERVICES:
            shutil.rmtree(service)
    for service in (packages / "boto3" / "data").iterdir():
        if service.is_dir() and service.name not in BOTO_SERVICES:
            shutil.rmtree(service)
    for locale in (packages / "babel" / "locale-data").glob("*.dat"):
        if locale.stem.split("_")[0] not in LOCALES:
            locale.unlink()
    for notes in packages.glob("*.dist-info"):
        # Licences and the version stay: some packages ask importlib.metadata who they are.
        for name in ("RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json"):
            (notes / name).unlink(missing_ok=True)
    for stub in list(packages.rglob("*.pyi")):
        stub.unlink()
    (packages / ".lock").unlink(missing_ok=True)

"""Tables that a shop keeps by hand, with column names as people write them in Turkish and in English."""

from __future__ import annotations

from cli.importing.exports.export import Export, by_name
from cli.importing.people import COLUMNS
from shared.domain.definitions.text_comparison import folded

_TARGETS: dict[str, tuple[str, ...]] = {
    "trait firstName": ("Ad", "Adı", "İsim", "First Name", "Firstname", "Given Name"),
    "trait lastName": ("Soyad", "Soyadı", "Soyisim", "Last Name", "Lastname", "Surname"),
    "trait name": ("Ad Soyad", "Adı Soyadı", "İsim Soyisim", "Müşteri", "Müşteri Adı", "Full Name", "Customer Name"),
    "email": (
        "E-posta",
        "Eposta",
        "E-posta Adresi",
        "E-mail",
        "E-mail Adresi",
        "Email",
        "Email Adresi",
        "Email Address",
        "Mail",
        "Mail Adresi",
    ),
    "phone": (
        "Telefon",
        "Telefon No",
        "Telefon Numarası",
        "Tel",
        "Tel No",
        "Cep",
        "Cep No",
        "Cep Tel",
        "Cep Telefonu",
        "GSM",
        "GSM No",
        "Phone",
        "Phone Number",
        "Mobile",
    ),
    "user": ("Müşteri No", "Müşteri Numarası", "Üye No", "User ID", "UserId", "Customer ID", "Customer No"),
    "loyalty": ("Sadakat No", "Kart No", "Loyalty", "Loyalty Number"),
    "trait birthday birthday": ("Doğum Tarihi", "Doğum Günü", "Birthday", "Birth Date", "Date of Birth"),
    "trait gender": ("Cinsiyet", "Gender"),
    "trait address.city": ("Şehir", "İl", "City"),
    "trait address.district": ("İlçe", "District"),
    "trait address.street": ("Adres", "Address", "Street"),
    "trait address.postalCode": ("Posta Kodu", "Postal Code", "Zip", "Zip Code"),
    "trait address.country": ("Ülke", "Country"),
    "trait company": ("Şirket", "Firma", "Company"),
    "trait language": ("Dil", "Language"),
    "trait tags list": ("Etiketler", "Etiket", "Tags"),
    "trait total_spent number": ("Toplam Harcama", "Toplam Alışveriş", "Total Spent"),
    "trait orders_count number": ("Sipariş Sayısı", "Toplam Sipariş", "Total Orders"),
    "consent email": ("E-posta İzni", "E-posta Onayı", "Email Consent", "Email Opt-in"),
    "consent email time": ("E-posta İzin Tarihi", "Email Consent Date"),
    "consent sms": ("SMS İzni", "SMS Onayı", "SMS Consent", "SMS Opt-in"),
    "consent sms time": ("SMS İzin Tarihi", "SMS Consent Date"),
    "time": ("Güncelleme Tarihi", "Updated At"),
}
_WITHOUT_MARKS = str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU")


def named(target: str) -> list[str]:
    """The names of the columns that become this, also as a keyboard without Turkish letters writes them."""
    return [spelling for name in _TARGETS[target] for spelling in (name, name.translate(_WITHOUT_MARKS))]


PLAIN = frozenset(
    folded(name) for name in ("E-posta", "Eposta", "E-mail", "Email", "Telefon", "GSM", "Phone", "UserId", "Loyalty")
)
"""Names that the plain form of docs/import.md knows too: a file with nothing else stays plain."""

TABLE = Export(
    name="spreadsheet",
    label="a table with names as people write them",
    kind="customers",
    rest="traits",
    columns=by_name({name: target for target in _TARGETS for name in named(target)}),
)


def looks_written_by_hand(header: list[str]) -> bool:
    """Whether a header has a name as only people write it, such as ``Ad`` or ``First Name``, beside one who it is.

    ``firstName`` and ``city`` are names of traits: a file of such names is of Kervan's own form.
    """
    cells = [cell.strip() for cell in header if cell.strip()]
    if any(cell in COLUMNS and folded(cell) not in TABLE.columns for cell in cells):
        return False  # user, loyalty, device: the words of our own form
    known = {folded(cell) for cell in cells} & TABLE.columns.keys()
    people = {"email", "phone", "user", "loyalty"}
    written = {folded(cell) for cell in cells if cell[0].isupper() or " " in cell or not cell.isascii()}
    return any(TABLE.columns[name] in people for name in known) and bool((known - PLAIN) & (written | _TURKISH))


_TURKISH = frozenset(
    folded(name)
    for name in ("ad", "soyad", "isim", "soyisim", "şehir", "sehir", "doğum tarihi", "dogum tarihi", "ad soyad", "il")
)

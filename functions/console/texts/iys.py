"""What the console says of Turkey's register of consent."""

from __future__ import annotations

IYS: dict[str, tuple[str, str]] = {
    "iys.title": ("İYS bildirimleri", "Register of consent (IYS)"),
    "iys.lead": (
        "Onay ve retler üç iş günü içinde İleti Yönetim Sistemi'ne bildirilir.",
        "Approvals and refusals must be known to Turkey's register of consent within three business days.",
    ),
    "iys.no_account": ("İYS hesabı tanımlı değil.", "The shop has no account at IYS."),
    "iys.no_account.text": (
        "definitions/shop.yaml içine iys yazıldığında bildirim başlar.",
        "Once definitions/shop.yaml says iys, the exchange begins.",
    ),
    "iys.read_at": ("İYS'deki değişiklikler {when} tarihinde okundu.", "Changes at IYS were read at {when}."),
    "iys.never_read": ("İYS'deki değişiklikler henüz okunmadı.", "Changes at IYS were not read yet."),
    "iys.counts": (
        "{due} bekliyor, {pending} yolda, {refused} reddedildi.",
        "{due} due, {pending} on their way, {refused} refused.",
    ),
    "iys.unreadable": (
        "İYS'nin son 30 günde bildirdiği ve okunamayan {count} değişiklik var; içlerindeki retler geçerlidir.",
        "{count} changes of 30 days could not be read; a refusal in them counts.",
    ),
    "iys.missing_since": (
        "{when} öncesindeki değişiklikler eksik olabilir: İYS'ye bütün alıcılar soruluyor.",
        "Changes of before {when} may be missing: IYS is asked of every recipient.",
    ),
    "iys.none": ("Bekleyen bildirim yok.", "Nothing waits."),
    "iys.none.text": ("İYS bildirilmesi gereken her şeyi biliyor.", "The register knows everything that it must."),
    "iys.until": ("son gün {when}", "until {when}"),
    "iys.held": ("İYS'de: {status}", "at IYS: {status}"),
    "iys.unknown": ("kayıt yok", "unknown"),
    "iys.more": ("Sonrakiler", "More"),
    "iys.state.due": ("bildirilecek", "due"),
    "iys.state.pending": ("yolda", "on its way"),
    "iys.state.accepted": ("kabul edildi", "accepted"),
    "iys.state.refused": ("reddedildi", "refused"),
    "iys.status.ONAY": ("onay", "approval"),
    "iys.status.RET": ("ret", "refusal"),
    "iys.type.BIREYSEL": ("bireysel", "consumer"),
    "iys.type.TACIR": ("tacir", "merchant"),
}
"""Turkish, English."""

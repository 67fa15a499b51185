"""Conversations, reports, stock and rights of people together."""

from functions.console.texts.conversations import CONVERSATIONS
from functions.console.texts.people_rights import PEOPLE_RIGHTS
from functions.console.texts.reports import REPORTS
from functions.console.texts.stock import STOCK

SERVICE = {**CONVERSATIONS, **REPORTS, **STOCK, **PEOPLE_RIGHTS}

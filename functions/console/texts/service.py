"""Conversations, reports and stock together."""

from functions.console.texts.conversations import CONVERSATIONS
from functions.console.texts.reports import REPORTS
from functions.console.texts.stock import STOCK

SERVICE = {**CONVERSATIONS, **REPORTS, **STOCK}

"""Conversations and reports together."""

from functions.console.texts.conversations import CONVERSATIONS
from functions.console.texts.reports import REPORTS

SERVICE = {**CONVERSATIONS, **REPORTS}

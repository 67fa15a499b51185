"""Which segments hold, by brute force over raw events: what the evaluator is checked against, in tests and every hour.

Written from the words of the language alone. It knows nothing of facts, joins, features or profiles, and neither of the
evaluator nor of ``valid_until``: it reads the whole log of each identifier and counts. So a mistake in any of these
shows as a difference. It shares with them what values mean (numbers, dates, folded words, consent), and of the bounds
of facts only those that are meanings: of one message the newest open, at most three clicks.
"""

from shared.domain.segments.oracle.evaluate import holds, oracle_segments
from shared.domain.segments.oracle.history import History, MemberLog

__all__ = ["History", "MemberLog", "holds", "oracle_segments"]

"""What a handler does while its modules are imported at a cold start."""

from __future__ import annotations

import gc


class UncollectedImports:
    """Imports within this block run without the collector of cyclic garbage.

    Imported modules, classes and functions live as long as the process. The collector would walk through all of them
    some hundred times and find nothing: a twentieth of the processor time of a cold start. What was imported is then
    frozen, so that later collections do not walk through it either (``gc.freeze``).

    A block inside another one changes nothing: the outer one ends the pause.
    """

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_enabled:
            gc.freeze()
            gc.enable()

"""The checks of the exercises, one file a chapter.

`exercises.py` judges an answer, `predictions.py` shows what was found after a guess, `answers.py` reads what
a student wrote, and `texts/` has every sentence. The truth is computed in the file of the chapter from its
definition, so that a check does not repeat the code that it checks. Importing the package alone loads none of
the chapters' files: those about live networks need TensorFlow.
"""

try:
    import prunewidgets  # noqa: F401  Here rather than in each chapter: what follows needs it.
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"The chapters need {error.name!r}, which is not installed: pip install 'prunewidgets[tensorflow]'",
        name=error.name,
    ) from None

from .predictions import after, reveal
from .verdicts import restore_if_applied

__all__ = ["after", "reveal", "restore_if_applied"]

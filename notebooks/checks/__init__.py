"""The checks of the exercises, one file a chapter.

`verdicts.py` judges an answer, `answers.py` reads what a student wrote. The truth is computed in the file of
the chapter from its definition, so that a check does not repeat the code that it checks. Importing the
package alone loads none of the chapters' files: those about live networks need TensorFlow.
"""

from .verdicts import restore_if_applied, reveal

__all__ = ["reveal", "restore_if_applied"]

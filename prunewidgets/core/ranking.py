"""Rank the right answer among all candidates: filtered ranks, mean reciprocal rank and hits at k.

A model of a knowledge graph gives every entity a score for a question (entity, relation, ?). What counts is
the place of the right answer. A question can have several right answers; those that are known from other
facts are left out of the ranking ("filtered"), since it is no mistake to put them first.

Source: Bordes et al., "Translating embeddings for modeling multi-relational data" (2013), section 4.1, for
filtered ranks. Ties take the mean of the places they share, the "realistic" rank of Berrendorf et al., "On
the ambiguity of rank-based evaluation of entity alignment or link prediction methods" (2020), section 3.
"""

from typing import Any

import numpy as np

__all__ = ["RankMetric", "known_answers", "ranks"]


def ranks(scores: Any, answers: Any, left_out: Any = None) -> np.ndarray:
    """Return the rank of each right answer among the candidates, 1 for the best.

    Args:
        scores: Score of each candidate for each question, shape (questions, candidates); higher is better.
        answers: Number of the right candidate of each question, shape (questions,).
        left_out: True where a candidate does not take part, same shape as ``scores``. The right answer
            itself always takes part. Defaults to none.

    Returns:
        float64, shape (questions,): 1 + the candidates that score higher + half of those that score the same.

    Raises:
        ValueError: If the shapes differ, a score is NaN, or there is no candidate of that number.

    Example:
        >>> pw.ranking.ranks([[0.9, 0.2, 0.5, 0.2]] * 2, [2, 1])
        array([2. , 3.5])
        >>> pw.ranking.ranks([[0.9, 0.2, 0.5, 0.2]], [2], [[True, False, False, False]])
        array([1.])
    """
    scores, answers = np.asarray(scores), np.asarray(answers)
    if scores.ndim != 2 or answers.shape != scores.shape[:1]:
        raise ValueError(
            f"scores of shape {scores.shape} and answers of shape {answers.shape} do not fit: give scores "
            "(questions, candidates) and one answer for each question."
        )
    if np.isnan(scores).any():
        raise ValueError("The scores have NaN in them, and NaN has no rank; look at the model's weights.")
    _check_numbers("answers", answers, scores.shape[1])
    rows = np.arange(len(answers))
    own = scores[rows, answers][:, None]
    takes_part = np.ones(scores.shape, bool) if left_out is None else ~np.asarray(left_out, bool)
    if takes_part.shape != scores.shape:
        raise ValueError(f"left_out has the shape {takes_part.shape}, and scores {scores.shape}.")
    higher = ((scores > own) & takes_part).sum(axis=1)
    same = ((scores == own) & takes_part).sum(axis=1) - takes_part[rows, answers]  # without itself
    return 1 + higher + same / 2


def known_answers(questions: Any, known: Any, candidates: int) -> np.ndarray:
    """Return which candidates are right answers to each question, by facts that are known.

    Args:
        questions: (entity, relation, …) in each row, integers, shape (questions, 2 or more).
        known: (entity, relation, answer) in each row, integers, shape (facts, 3).
        candidates: Number of candidates.

    Returns:
        bool, shape (questions, candidates).

    Raises:
        ValueError: If a shape is another one, or an answer is not below ``candidates``.

    Example:
        >>> known = [[0, 0, 1], [0, 0, 3], [2, 0, 1]]
        >>> pw.ranking.known_answers([[0, 0], [1, 0]], known, 4)
        array([[False,  True, False,  True],
               [False, False, False, False]])
    """
    questions, known = _rows("questions", questions, 2), _rows("known", known, 3)
    _check_numbers("the answers in known", known[:, 2], candidates)
    pairs, place = np.unique(np.concatenate([known[:, :2], questions[:, :2]]), axis=0, return_inverse=True)
    place = place.reshape(-1)  # NumPy 2.0 gives another shape
    of_fact, of_question = place[: len(known)], place[len(known) :]
    order = np.argsort(of_fact, kind="stable")
    ends = np.cumsum(np.bincount(of_fact, minlength=len(pairs)))
    starts = np.concatenate([[0], ends[:-1]]).astype(int)
    found = np.zeros((len(questions), candidates), bool)
    for row, pair in enumerate(of_question):
        found[row, known[order[starts[pair] : ends[pair]], 2]] = True
    return found


class RankMetric:
    """A measure of a model of a knowledge graph, for ``metric=``: mean reciprocal rank, or hits at k.

    It takes questions with their answers as labels: for questions (entity, relation, answer), measure with
    ``x = questions[:, :2]`` and ``y = questions``.

    Attributes:
        known: The facts whose answers are left out of the ranking.
        hits: k, or None for the mean reciprocal rank.
        name: "mrr", or such as "hits_at_10".

    Example:
        >>> questions = np.array([[0, 0, 1], [2, 0, 3]])
        >>> known = np.array([[0, 0, 1], [0, 0, 3], [2, 0, 3]])
        >>> scores = [[0.1, 0.6, 0.2, 0.9], [0.3, 0.4, 0.2, 0.3]]
        >>> mrr = pw.ranking.RankMetric(known)
        >>> mrr.ranks(questions, scores)  # entity 3 is a right answer to the first question, too
        array([1. , 2.5])
        >>> round(mrr(questions, scores), 2), pw.ranking.RankMetric(known, hits=1)(questions, scores)
        (0.7, 0.5)
    """

    def __init__(self, known: Any, hits: int | None = None) -> None:
        """Make the measure.

        Args:
            known: (entity, relation, answer) in each row, shape (facts, 3): all that is known, those to be
                asked for included.
            hits: k: share of the answers among the first k. Defaults to the mean of 1 ÷ rank.

        Raises:
            ValueError: If ``known`` has another shape, or ``hits`` is below 1.
        """
        if hits is not None and hits < 1:
            raise ValueError(f"hits is {hits!r}; it has to be 1 or more, or None for the mean of 1 ÷ rank.")
        self.known, self.hits = _rows("known", known, 3), hits
        self.name = "mrr" if hits is None else f"hits_at_{hits}"

    def __repr__(self) -> str:
        """Return one line, such as ``RankMetric(mrr, 13,058 known facts)``."""
        return f"RankMetric({self.name}, {len(self.known):,} known facts)"

    def __call__(self, questions: Any, scores: Any) -> float:
        """Return the measure, 0 to 1.

        Args:
            questions: (entity, relation, answer) in each row, shape (questions, 3).
            scores: Score of each entity, shape (questions, entities).
        """
        found = self.ranks(questions, scores)
        return float(np.mean(1 / found) if self.hits is None else np.mean(found <= self.hits))

    def ranks(self, questions: Any, scores: Any) -> np.ndarray:
        """Return the filtered rank of each answer, float64, shape (questions,); arguments as for the call."""
        questions, scores = _rows("questions", questions, 3), np.asarray(scores)
        if scores.ndim != 2 or not len(questions):
            raise ValueError(
                f"{len(questions):,} questions and scores of shape {scores.shape}: at least one question and "
                "scores (questions, entities) are needed."
            )
        return ranks(scores, questions[:, 2], known_answers(questions, self.known, scores.shape[1]))


def _rows(name: str, values: Any, width: int) -> np.ndarray:
    """Return integers in rows of at least this width; exactly three for facts."""
    array = np.asarray(values)
    if array.ndim != 2 or not (width <= array.shape[1] <= 3) or array.dtype.kind not in "iu":
        columns = "(entity, relation, answer)" if width == 3 else "(entity, relation)"
        raise ValueError(
            f"{name} is an array of {array.dtype} of shape {array.shape}; give whole numbers, "
            f"{columns} in each row."
        )
    return array


def _check_numbers(what: str, numbers: np.ndarray, below: int) -> None:
    if numbers.size and (numbers.dtype.kind not in "iu" or numbers.min() < 0 or numbers.max() >= below):
        raise ValueError(f"{what} have to be whole numbers from 0 to {below - 1:,}, one of each candidate.")

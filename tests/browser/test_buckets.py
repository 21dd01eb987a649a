"""Sorted buckets answer as counting every weight does: against NumPy."""

import numpy as np
import pytest

from ..support.bare import encoded, run

RNG = np.random.default_rng(8)


@pytest.mark.parametrize("kind", ["spread", "ties", "few"])
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.7, 5.0])
def test_counts_and_sums_of_each_bucket(functions, kind, threshold):
    scores = {
        "spread": np.abs(RNG.normal(0, 0.5, 5_000)),
        "ties": RNG.integers(0, 10, 5_000) / 10,
        "few": np.array([0.7, 0.3]),
    }[kind].astype(np.float32)
    bucket_of = RNG.integers(0, 40, scores.size).astype(np.int32)
    sizes = RNG.uniform(size=scores.size).astype(np.float32)
    found = run(
        functions,
        "numbers/buckets",
        """async ({ Buckets }, a) => {
            const { decoded } = await import("/host.js");
            const { inOrder, orderOf } = await import("/static/numbers/order.js");
            const [scores, sizes] = [a.scores, a.sizes].map((sent) => new Float32Array(decoded(sent).buffer));
            const bucketOf = new Int32Array(decoded(a.bucketOf).buffer);
            const order = orderOf(scores);
            const buckets = new Buckets(inOrder(scores, order), order, bucketOf, 40, inOrder(sizes, order));
            const threshold = Math.fround(a.threshold);
            return [...Array(40).keys()].map((b) =>
                [buckets.size(b), buckets.removed(b, threshold), buckets.keptSum(b, threshold)]);
        }""",
        {
            "scores": encoded(scores),
            "sizes": encoded(sizes),
            "bucketOf": encoded(bucket_of),
            "threshold": threshold,
        },
    )
    for bucket, (size, removed, kept_sum) in enumerate(found):
        inside = scores[bucket_of == bucket]
        gone = inside < np.float32(threshold)
        assert (size, removed) == (inside.size, np.count_nonzero(gone))
        kept = sizes[bucket_of == bucket][~gone]
        assert kept_sum == pytest.approx(kept.sum(dtype=float), rel=1e-9, abs=1e-9)

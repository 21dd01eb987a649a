"""order.js sorts as NumPy does: stable, whatever the floats."""

import numpy as np
import pytest

from ..support.bare import encoded, run
from ..support.scores import CASES

ORDER = """async ({ orderOf }, a) => {
    const { decoded } = await import("/host.js");
    const Floats = a.dtype === "float64" ? Float64Array : Float32Array;
    return [...orderOf(new Floats(decoded(a.scores).buffer))];
}"""


@pytest.mark.parametrize("case", CASES)
def test_the_order_equals_numpys_stable_sort(functions, case):
    scores = np.random.default_rng(2).permutation(CASES[case])
    order = run(functions, "numbers/order", ORDER, {"scores": encoded(scores), "dtype": scores.dtype.name})
    assert order == np.argsort(scores, kind="stable").tolist()

"""Arrays full of ties, in every float type a model may have."""

import ml_dtypes
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

DTYPES = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64]
# Few values, so that they tie; 0.1, 0.3 and 0.7 are rounded, 1e-40 and 6e-8 are subnormal in some types.
VALUES = [0.0, -0.0, 0.1, -0.1, 0.3, 0.5, -0.5, 0.7, 1.0, -1.0, 6e-8, 1e-40, 5e-324, 60000.0]

shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


@st.composite
def weight_arrays(draw, shape=shapes, dtypes=DTYPES):
    """One array, in C or Fortran order."""
    dims = draw(shape)
    size = int(np.prod(dims, dtype=int))
    tied = st.sampled_from(VALUES)
    spread = st.floats(-100, 100, width=16)
    values = draw(st.lists(draw(st.sampled_from([tied, spread])), min_size=size, max_size=size))
    array = np.array(values, dtype=np.float64).reshape(dims).astype(draw(st.sampled_from(dtypes)))
    return np.asarray(array, order=draw(st.sampled_from("CF")))


def models(**kwargs):
    """{name: array} with names in no alphabetical order."""
    names = st.sampled_from(["dense/kernel", "conv_2/kernel", "a", "z", "<b>x</b>", "$w$"])
    return st.dictionaries(names, weight_arrays(**kwargs), max_size=4)


sparsities = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1 / 3, 0.5, 0.75, 0.9, 1.0]))

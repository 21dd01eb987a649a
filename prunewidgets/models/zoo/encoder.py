"""A text encoder of BERT's kind, built from Keras layers, so that ``pw.shrink`` knows what each does."""

import keras
from keras import layers as kl

_EPSILON = 1e-12  # of BERT's layer normalisations


def text_encoder(
    words: int = 30_522,
    width: int = 64,
    layers: int = 2,
    heads: int = 4,
    units: int = 256,
    longest: int = 128,
    seed: int | None = None,
    name: str = "text_encoder",
) -> keras.Model:
    """Build a transformer that turns numbered pieces of words into one vector for each text.

    A row of the table of words and one of the table of places are added for each piece; then come blocks of
    attention and of two dense layers, each added to what went in and normalised; the vector is the mean over
    the pieces. The number 0 is padding, which changes no vector; but criteria that look at the inputs of
    layers count it, so give them texts that fill their rows.

    Args:
        words: Rows of the table of words, the padding included.
        width: Length of the vectors, a multiple of ``heads``.
        layers: Number of blocks.
        heads: Heads of each attention.
        units: Units of the first dense layer of each block.
        longest: Pieces of the longest text.
        seed: Makes the initial weights reproducible.
        name: Name of the model.

    Returns:
        A model from int32 (texts, pieces) to float32 (texts, width); not compiled. Its layers are "words",
        "places", "norm", and in block n, counted from 0, "attention_n", "attention_norm_n", "up_n", "down_n"
        and "norm_n".

    Raises:
        ValueError: ``width`` is not a multiple of ``heads``.

    Example:
        >>> encoder = pw.models.text_encoder(words=1000, seed=0)
        >>> encoder.count_params()
        172288
        >>> encoder.predict(np.array([[1, 17, 4, 2, 0, 0]], np.int32), verbose=0).shape
        (1, 64)

    Source: Devlin et al., "BERT: pre-training of deep bidirectional transformers for language understanding"
        (2019); Reimers and Gurevych, "Sentence-BERT" (2019), for the mean.
    """
    if width % heads:
        raise ValueError(f"width is {width}; it has to be a multiple of heads, which is {heads}.")
    numbers = iter(range(1000 * (seed or 0), 1000 * (seed or 0) + 1000))

    def start() -> keras.Initializer:
        # One seed per array: with the same seed, arrays of the same shape would get the same values.
        return keras.initializers.TruncatedNormal(stddev=0.02, seed=None if seed is None else next(numbers))

    def norm(name: str) -> keras.Layer:
        return kl.LayerNormalization(epsilon=_EPSILON, name=name)

    inputs = keras.Input((None,), dtype="int32", name="pieces")
    there = keras.ops.not_equal(inputs, 0)
    places = keras.ops.cumsum(keras.ops.ones_like(inputs), axis=1) - 1
    words_and_places = [
        kl.Embedding(words, width, start(), name="words")(inputs),
        kl.Embedding(longest, width, start(), name="places")(places),
    ]
    x = kl.Add(name="sum")(words_and_places)
    x = norm("norm")(x)
    for n in range(layers):
        attention = kl.MultiHeadAttention(
            heads, width // heads, kernel_initializer=start(), name=f"attention_{n}"
        )
        # Not through mask_zero: Keras's attention takes the mask off what it is given (3.15), so that the sum
        # with it has none.
        seen = attention(x, x, attention_mask=keras.ops.expand_dims(there, 1))
        x = norm(f"attention_norm_{n}")(kl.Add(name=f"attention_sum_{n}")([x, seen]))
        up = kl.Dense(units, "gelu", kernel_initializer=start(), name=f"up_{n}")(x)
        down = kl.Dense(width, kernel_initializer=start(), name=f"down_{n}")(up)
        x = norm(f"norm_{n}")(kl.Add(name=f"sum_{n}")([x, down]))
    return keras.Model(inputs, kl.GlobalAveragePooling1D(name="mean")(x, mask=there), name=name)

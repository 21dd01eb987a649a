"""DistMult, a model of a knowledge graph: an embedding for each entity and for each relation."""

import keras
from keras import layers


def distmult(entities: int, relations: int, size: int = 64, seed: int | None = None) -> keras.Model:
    """Build DistMult, which scores every entity as the answer to (entity, relation, ?).

    The score of an answer is Σ e · r · a over the numbers of the three embeddings; the table of the entities
    is used at both ends. Scores are logits: train them with all entities as classes ("1-N scoring").

    Args:
        entities: Number of entities.
        relations: Number of relations, twice as many as there are names if the questions go both ways
            (``KnowledgeGraph.questions``).
        size: Numbers in each embedding. Defaults to 64.
        seed: Makes the initial weights reproducible.

    Returns:
        A compiled model: input int32 (questions, 2) of entity and relation, output float32
        (questions, entities), labels integers.

    Example:
        >>> model = pw.models.distmult(entities=135, relations=92, size=32, seed=0)
        >>> {name: table.shape for name, table in pw.LiveModel(model).weights.items()}
        {'entity/embeddings': (135, 32), 'relation/embeddings': (92, 32)}
        >>> pw.channel_groups(model)  # a number of all embeddings at once can be removed
        entity: 32 units made by entity, relation

    Source: Yang et al., "Embedding entities and relations for learning and inference in knowledge bases"
        (2015); softmax over all entities as in Kadlec, Bajgar and Kleindienst, "Knowledge base completion:
        baselines strike back" (2017).
    """
    entity, relation = (
        kind(
            number,
            size,
            embeddings_initializer=keras.initializers.RandomNormal(
                stddev=0.1, seed=None if seed is None else 1000 * seed + place
            ),
            name=name,
        )
        for place, (name, kind, number) in enumerate(
            [("entity", layers.ReversibleEmbedding, entities), ("relation", layers.Embedding, relations)]
        )
    )
    question = keras.Input((2,), dtype="int32", name="question")
    product = layers.Multiply(name="product")([entity(question[:, 0]), relation(question[:, 1])])
    model = keras.Model(question, entity(product, reverse=True), name="distmult")
    model.compile(
        optimizer=keras.optimizers.Adam(1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=10,  # each step takes less time than starting it does
    )
    return model

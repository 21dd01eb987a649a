"""The words of the ledger, see `words.py`."""

LEDGER = {
    "ledger": "What pruning saves",
    "ledger_of": "{model}: what pruning saves in its {total} prunable weights",
    "hint_ledger": "Point at a row, or walk through them with the arrow keys, for its exact number.",
    "stored": "Stored",
    "stored_compact_bytes": "as a compact file",
    "stored_gzip_bytes": "packed by gzip",
    "computed": "Computed",
    "computed_multiply_adds": "multiply-adds",
    "time": "Time",
    "time_keras_1": "one example, in Keras",
    "time_tflite_1": "one example, as TFLite",
    "time_keras_32": "32 examples, in Keras",
    "time_tflite_32": "32 examples, as TFLite",
    "dense_has": "dense model: {n}",
    "if_skipped": "{n} if each zero were skipped",
    "all_numbers": "All numbers, and how they were found",
    "left_part": "left",
    "saved_part": "saved",
    "over_part": "more than dense",
    "dense_mark": "the dense model",
    "ledger_size": "Weights and their bytes",
    "ledger_work": "Multiply-adds for one example",
    "ledger_files": "Files",
    "ledger_times": "Latency and memory",
    "ledger_products": "Dense layers alone: sparse against full",
    "ledger_units": "Instead: as many weights, in whole units",
    "counted": "counted exactly",
    "counting": "counting…",
    "old": "stale",
    "parameters": "parameters",
    "parameters_explained": "A zero is still a parameter: the matrices keep their shapes.",
    "nonzeros": "nonzeros",
    "nonzeros_explained": "The weights that are left.",
    "dense_bytes": "dense",
    "dense_bytes_explained": "4 bytes for each weight, zeros too: what an ordinary file or array takes.",
    "bitmask_bytes": "bitmask",
    "bitmask_bytes_explained": "One bit for each weight tells whether it is left; 4 bytes for each nonzero.",
    "index_coded_bytes": "index-coded",
    "index_coded_bytes_explained": (
        "Each nonzero in 4 bytes, and the number of zeros before it in 1, 2 or 4 bytes: larger than dense "
        "while few weights are gone."
    ),
    "multiply_adds": "dense code",
    "multiply_adds_explained": "What ordinary code does: it multiplies by zeros too.",
    "nonzero_multiply_adds": "zeros skipped",
    "nonzero_multiply_adds_explained": "What would be left if each zero were skipped at no cost.",
    "gzip_bytes": "gzip",
    "gzip_bytes_explained": "The dense bytes, packed by gzip at level 6: runs of zeros shrink.",
    "compact_bytes": "compact file",
    "compact_bytes_explained": "The same weights, every bit, coded as this package's compact file does.",
    "tflite_sparse_bytes": "TFLite, sparse",
    "tflite_sparse_bytes_explained": (
        "The model as a TFLite file with its sparse option, against the dense model's without; biases too."
    ),
    "keras_1": "Keras, batch 1",
    "keras_1_explained": "The masked model, one example at a time.",
    "keras_32": "Keras, batch 32",
    "keras_32_explained": "The masked model, 32 examples at once.",
    "tflite_1": "TFLite, batch 1",
    "tflite_1_explained": "The masked model converted to TFLite, one example at a time.",
    "tflite_32": "TFLite, batch 32",
    "tflite_32_explained": "The masked model converted to TFLite, 32 examples at once.",
    "csr_1": "CSR, batch 1",
    "csr_1_explained": (
        "The dense layers alone, as sparse matrices (CSR, SciPy) that skip zeros, against full ones (NumPy); "
        "one example at a time."
    ),
    "csr_32": "CSR, batch 32",
    "csr_32_explained": "The same with 32 examples at once.",
    "peak_bytes": "peak memory",
    "peak_bytes_explained": (
        "The most that loading the model and answering 32 examples takes, as TFLite, in a process of its own."
    ),
    "units_parameters": "weights",
    "units_parameters_explained": (
        "The same share of filters and neurons cut out of every layer, the smallest first, until no more "
        "weights are left than here: the arrays themselves are smaller. What it costs in accuracy is not "
        "said here."
    ),
    "units_multiply_adds": "multiply-adds",
    "units_multiply_adds_explained": "What ordinary code does in the model with fewer units.",
    "units_keras_1": "Keras, batch 1",
    "units_keras_1_explained": "The model with fewer units, one example at a time.",
    "units_keras_32": "Keras, batch 32",
    "units_keras_32_explained": "The model with fewer units, 32 examples at once.",
    "units_tflite_1": "TFLite, batch 1",
    "units_tflite_1_explained": "The model with fewer units converted to TFLite, one example at a time.",
    "units_tflite_32": "TFLite, batch 32",
    "units_tflite_32_explained": "The model with fewer units converted to TFLite, 32 examples at once.",
    "units_peak_bytes": "peak memory",
    "units_peak_bytes_explained": "As above, of the model with fewer units.",
    "exact_weights": "{n} weights",
    "exact_operations": "{n} multiply-adds",
    "exact_bytes": "{n} bytes",
    "exact_seconds": "median {median}, middle half {from} to {to}",
    "times_fewer": "{times}× fewer",
    "times_more": "{times}× more",
    "no_fewer": "no fewer",
    "times_smaller": "{times}× smaller",
    "times_larger": "{times}× larger",
    "no_smaller": "no smaller",
    "times_faster": "{times}× faster",
    "times_slower": "{times}× slower",
    "no_faster": "no faster",
    "nothing_left": "nothing left",
    "scattered": (
        "Scattered zeros do not speed a dense kernel up: it multiplies by a zero as slowly as by any other "
        "number."
    ),
    "in_spread": "within spread",
    "conditions": (
        "Medians of {runs} runs or more, their middle half as a line; warm, in turns with the dense model. "
        "Keras has {processors} threads, the others one."
    ),
    "wins": "A sparse kernel (CSR), tried on the layer of {inputs} × {units}: {one}, {many}.",
    "wins_from": "with batch {batch} it wins from {sparsity} zeros on",
    "wins_never": "with batch {batch} it wins nowhere",
    "measure_again": "Measure again",
}

"""Every word that a view shows or a screen reader speaks, in one place.

A translation is another dictionary with the same keys; {names} are filled in by the view.
"""

from .words_hands import HANDS
from .words_handwriting import HANDWRITING
from .words_lab import LAB
from .words_ledger import LEDGER
from .words_plan import PLAN
from .words_still import STILL

ENGLISH = {
    "locale": "en",
    # threshold and sparsity
    "threshold": "threshold τ",
    "sparsity": "sparsity",
    "removed": "{removed} of {total} weights removed{where}",
    "in_layer": " in {layer}; in all {removed} of {total}, {kept} kept",
    "undo": "Back to the threshold before (Ctrl+Z)",
    "bad_threshold": "“{typed}” is not a valid threshold; type a number from {least} up.",
    "bad_sparsity": "“{typed}” is not a valid sparsity; type a number from 0 to 100 (per cent).",
    "ties": (
        "No threshold removes exactly {wanted}: {tied} equal scores stay or go together. "
        "{low} ({low_share}) or {high} ({high_share}) are possible."
    ),
    "ties_zero": "{high} weights are zero already and go together: from {high} ({high_share}) on, or none.",
    "stops": (
        "The slider stops at {low} ({low_share}) and {high} ({high_share}), the nearest to {wanted}: "
        "a model of this size has a stop only every few weights."
    ),
    "kept": "kept",
    "pruned": "pruned",
    # any view
    "needs_kernel": "This view needs its kernel: run the cell to see it.",
    "kernel_gone": (
        "The kernel is gone: the picture stays, and nothing is measured any more. "
        "To go on, run the cells above, then this one."
    ),
    # layers
    "layer": "Layer",
    "all_layers": "all layers",
    "sampled": "shows {shown} of {size} weights",
    # histogram
    "histogram": "Histogram of the weights",
    "weights_of": "Weights of {layer}, cut by {criterion}",
    "weights_alone": "Weights, cut by {criterion}",
    "log_counts": "logarithmic counts",
    "weight_value": "weight w",
    "weight_count": "number of weights",
    "hint_histogram": "Drag to move the cut; point at a bar, or press ↑ ↓.",
    "cut": "pruned",
    "bar": "{low} to {high}: {total} weights, {removed} of them pruned",
    "marked_bars": "{marked} marked weights, in {bars} bars",
    "histogram_spoken": (
        "{weights}: {total}, from {low} to {high}; {removed} pruned. "
        "Left and right move the cut, up and down read single bars."
    ),
    # heatmap
    "heatmap": "The weights in their places",
    "layer_shape": "{layer}, {shape}",
    "averaged": "Each cell: {each} weights, filled by the share kept.",
    "hint_heatmap": "Point at a cell to read it.",
    "place": "[row {row}, column {column}]",
    "place_vector": "[{index}]",
    "place_kernel": "filter {filter}, input {input}, place ({place})",
    "place_kernels": "filters {filter}, inputs {input}, all places",
    "cell": "{place}: {value}, {state}",
    "marked_cells": "{marked} of {total} weights are marked: {low} to {high}",
    "marked_buckets": "{marked} of {total} weights, in {cells} cells, are marked: {low} to {high}",
    "cell_averaged": "{place}: {kept} of {size} weights kept ({share}), mean |w| of the kept {mean}",
    "pixel": "input pixel: row {row}, column {column}",
    "pixel_channel": "input pixel: row {row}, column {column}, channel {channel}",
    "pixels": "{n} pixels",
    "pixel_window": "in every {tall} × {wide} window of the picture",
    "pixel_of_window": "place ({row}, {column}) of each {tall} × {wide} window",
    "pixel_weights": "{pixel}; {removed} of {total} pruned",
    "pixels_spoken": "The input picture, {height} × {width} pixels. Arrow keys mark the weights of a pixel.",
    "heatmap_spoken": "{what}. {removed} of {total} weights pruned. Arrow keys read single cells.",
    # curve
    "curve": "Accuracy against sparsity",
    "curve_of": "{measure} against sparsity",
    "sparsity_axis": "sparsity: weights removed",
    "sparsity_axis_stretched": "sparsity: weights removed (stretched: 90 to 99 % is as long as 0 to 90 %)",
    "sparsity_axis_stretched_short": "sparsity (stretched)",
    "accuracy_axis": "accuracy",
    "starts_at": "starts at {low}",
    "starts_at_short": "from {low}",
    "lower_is_better": "lower is better",
    "higher_is_better": "higher is better",
    "stretch": "stretch high sparsities",
    "hint_curve": "Click a point to go there.",
    "point_of": "{line}: {point}",
    "no_points": "nothing measured yet",
    "point": "sparsity {sparsity}: accuracy {accuracy} ({low} to {high})",
    "point_bare": "sparsity {sparsity}: accuracy {accuracy}",
    "point_bare_of": "sparsity {sparsity}: {measure} {accuracy}",
    # expected curve
    "expected": "The accuracy that you expect",
    "expected_of": "The {measure} that you expect",
    "hint_expected": "Draw the curve that you expect: pull each handle, or draw across the picture.",
    "expected_set": "{set} of {all} points drawn.",
    "expected_ready": "All {all} points are drawn.",
    "expected_before": "Lock your guess before you measure.",
    "expected_waiting": "What was measured stays hidden until you lock your guess.",
    "expected_nothing": "Nothing is measured yet. The points appear here as soon as they are.",
    "expected_shown": "Measured, without a guess.",
    "hint_points": "Point at the picture, or press the arrow keys, to read a measured point.",
    "handle": "accuracy that I expect at {sparsity} removed",
    "handle_of": "{measure} that I expect at {sparsity} removed",
    "handle_at": "at {sparsity} removed I expect {accuracy}",
    "handle_unset": "at {sparsity} removed I have not said what I expect",
    "undo_drawing": "Undo (Ctrl+Z)",
    "start_over": "Start over",
    "lock": "Lock my guess",
    "show_anyway": "Show me without a guess",
    "your_curve": "your curve",
    "gap": (
        "Your curve was off by {mean} points on average, most at {sparsity} removed: "
        "you expected {expected}, measured {measured}."
    ),
    "gap_of": (
        "Your curve was off by {mean} on average, most at {sparsity} removed: "
        "you expected {expected}, measured {measured}."
    ),
    "gap_here": "{points} points",
    "gap_nowhere": "No point was measured in the range of your curve.",
    "point_expected": "sparsity {sparsity}: expected {expected}, measured {accuracy}",
    # schedule
    "schedule": "Pruning schedule",
    "schedule_drawing": "Sparsity at each step of the training",
    "schedule_keys": "Arrow keys read other steps.",
    "hint_schedule": "Point at the drawing to read a step; drag the flags.",
    "hint_constant": "Point at the drawing to read a step.",
    "constant": "constant",
    "one_shot": "one-shot",
    "iterative": "iterative",
    "polynomial": "polynomial",
    "nothing_removed": "Nothing is removed: the final sparsity is 0 %.",
    "constant_explained": (
        "Sparse from the first step on: {final} of the weights are gone before the training begins."
    ),
    "one_shot_explained": (
        "Train all weights, remove {final} of them at step {begin}, and train those that are left to recover."
    ),
    "one_shot_first": "Remove {final} of the weights before the first update, and train those that are left.",
    "one_shot_last": (
        "Train all weights and remove {final} of them at step {begin}, the last: no training is left to "
        "recover in."
    ),
    "iterative_explained": (
        "{rounds} rounds, evenly spaced: each removes {share} of the weights that are still left, "
        "the last one what is missing to {final}."
    ),
    "one_round": "One round is enough: it removes {final} of the weights at step {end}.",
    "rounds_at_once": (
        "All {rounds} rounds fall on step {end}, so {final} of the weights go at once. "
        "Move the first and the last pruning apart."
    ),
    "rounds_together": (
        "{rounds} rounds, but only {jumps} steps from the first pruning to the last: rounds fall together "
        "into {jumps} jumps, up to {final}."
    ),
    "polynomial_explained": (
        "Fast at first, while there is much to spare, then ever more slowly until {final} are gone at step "
        "{end}. A power of 1 is a straight line; 3 is the “cubic” schedule."
    ),
    "polynomial_straight": (
        "In a straight line until {final} are gone at step {end}. A power above 1 starts fast; 3 is the "
        "“cubic” schedule."
    ),
    "polynomial_late": (
        "Slowly at first, then ever faster until {final} are gone at step {end}. A power above 1 starts "
        "fast; 3 is the “cubic” schedule."
    ),
    "polynomial_at_once": (
        "The first and the last pruning are on step {end}, so {final} of the weights go at once. "
        "Move them apart."
    ),
    "final": "final sparsity",
    "begin": "first pruning at step",
    "end": "last pruning at step",
    "share": "removed per round",
    "power": "power",
    "bad_final": "“{typed}” is not a valid final sparsity; type a number from {low} to {high} (per cent).",
    "bad_begin": "“{typed}” is not a valid first step; type a whole number from 0 to {high}.",
    "bad_end": "“{typed}” is not a valid last step; type a whole number from the first pruning to {high}.",
    "bad_share": "“{typed}” is not a valid share; type {low} to {high} (per cent of what is left).",
    "bad_power": "“{typed}” is not a valid power; type a number from {low} to {high}.",
    "never_all": (
        "A share of what is left never removes everything: choose a final sparsity below 100 % first."
    ),
    "flag_begin": "begin {step}",
    "flag_end": "end {step}",
    "flag_prune": "prune at {step}",
    "step_axis": "training step",
    "left": "weights left",
    "removed_part": "weights removed",
    "at_step": "step {step}: {removed} removed, {kept} left",
    # sorting steps
    "step_matrix": "Matrix",
    "step_sorted": "Sort",
    "step_threshold": "Threshold",
    "step_pruned": "Prune",
    "step_matrix_explained": (
        "The weights in their places. Point at one and follow it through the four steps."
    ),
    "step_sorted_explained": (
        "The same {total} weights, the smallest |w| first. A double border marks weights of equal size: "
        "no threshold can part them."
    ),
    "step_threshold_explained": (
        "Everything left of the line is smaller than τ and goes: {removed} of {total}. "
        "A weight that equals τ stays."
    ),
    "step_pruned_explained": (
        "Back in their places: {kept} weights kept, {removed} set to zero. "
        "The matrix has the same shape as before."
    ),
    "tau_level": "τ = {tau}",
    "back": "Back",
    "next": "Next",
    "cell_ranked": "{place}: {value}, number {rank} of {total} by size, {state}",
    # convolution steps
    "conv_image": "Image",
    "conv_window": "Window: pixel × weight",
    "conv_output": "Output of the filter",
    "conv_filters": "All filters, |w|",
    "conv_filter": "Filter",
    "conv_sum": "sum: {sum}",
    "conv_at": (
        "filter {filter}, window at row {row}, column {column}: {kept} of {total} weights kept, "
        "the products add up to {sum}"
    ),
    "conv_bank": "{filters} filters; filter {filter} is shown",
    "conv_weight": "weight at row {row}, column {column} of the filter: {pixel} × {weight} = {product}",
    "hint_convolution": (
        "Point at the image or the output, or click one and press the arrow keys: the window follows. "
        "Click a filter to see it."
    ),
    **HANDS,
    **LEDGER,
    **LAB,
    **HANDWRITING,
    **PLAN,
    **STILL,
}

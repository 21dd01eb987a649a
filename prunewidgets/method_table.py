"""The table of all pruning methods: what each needs, where it comes from, and how to call it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("name", "kind", "data", "gradients", "training", "n_of_m", "year", "formula", "paper", "call")

# Three lines a method: what it is and needs ("yes" to gradients, training, N:M), paper, formula and call.
_TABLE = """
magnitude; score; none; no; no; yes; 2015; |w|
  Han et al., Learning both weights and connections for efficient neural networks
  pw.prune(model, 0.9)
squared; score; none; no; no; yes; 2015; w²
  Han et al., Learning both weights and connections for efficient neural networks
  pw.prune(model, 0.9, 'squared')
distribution; score; none; no; no; yes; -; |w − mean| ÷ standard deviation of the layer
  -
  pw.prune(model, 0.9, 'distribution')
random; score; none; no; no; yes; -; uniform random number
  -
  pw.prune(model, 0.9, 'random', seed=0)
taylor; score; inputs and labels; yes; no; yes; 2019; mean over batches of |g w|
  Molchanov et al., Importance estimation for neural network pruning
  pw.prune(model, 0.9, 'taylor', data=(x, y))
obd; score; inputs and labels; yes; no; yes; 1990; ½ h w², h the second derivative of the loss
  LeCun, Denker and Solla, Optimal brain damage
  pw.prune(model, 0.9, 'obd', data=(x, y))
movement; score; inputs and labels; yes; yes; yes; 2020; −Σ g w over steps of training
  Sanh, Wolf and Rush, Movement pruning: adaptive sparsity by fine-tuning
  pw.prune(model, 0.9, 'movement', data=(x, y))
wanda; score; inputs; no; no; yes; 2024; |w| ‖X‖, X the inputs that w multiplies
  Sun et al., A simple and effective pruning approach for large language models
  pw.prune(model, 0.5, 'wanda', 'output', data=(x, None))
global; allocation; none; no; no; no; 2015; all layers ranked together
  Han et al., Learning both weights and connections for efficient neural networks
  pw.prune(model, 0.9, scope='global')
layer; allocation; none; no; no; no; 2015; the same share of each layer
  Han et al., Learning both weights and connections for efficient neural networks
  pw.prune(model, 0.9, scope='layer')
output; allocation; none; no; no; no; 2024; the same share of the weights of each output
  Sun et al., A simple and effective pruning approach for large language models
  pw.prune(model, 0.5, scope='output')
erk; allocation; none; no; no; no; 2020; density ε (inputs + outputs + window) ÷ (inputs · outputs · window)
  Evci et al., Rigging the lottery: making all tickets winners
  pw.prune(model, 0.9, scope='erk')
lamp; allocation; none; no; no; yes; 2021; w² ÷ Σ v² over v of the layer with |v| ≥ |w|
  Lee et al., Layer-adaptive sparsity for the magnitude-based pruning
  pw.prune(model, 0.9, 'lamp')
obs; layer-wise solver; inputs; no; no; yes; 1993; lowest w² ÷ 2 [H⁻¹]_qq at once; least squares; H = XᵀX
  Hassibi and Stork, Second order derivatives for network pruning: optimal brain surgeon
  pw.prune_and_update(model, x, 0.5, 'obs')
obc; layer-wise solver; inputs; no; no; yes; 2022; lowest w² ÷ [H⁻¹]_pp one by one, each with an update
  Frantar, Singh and Alistarh, Optimal brain compression
  pw.prune_and_update(model, x, 0.5, 'obc')
sparsegpt; layer-wise solver; inputs; no; no; yes; 2023; lowest w² ÷ U_qq² per block, row by row; H⁻¹ = UᵀU
  Frantar and Alistarh, SparseGPT: massive language models can be accurately pruned in one-shot
  pw.prune_and_update(model, x, 0.5, 'sparsegpt')
thinet; layer-wise solver; inputs; no; no; no; 2017; whole inputs j of least ‖Σ X_j W_j‖², then least squares
  Luo, Wu and Lin, ThiNet: a filter level pruning method for deep neural network compression
  pw.prune_and_update(model, x, 0.5, 'thinet')
snip; at initialisation; inputs and labels; yes; no; yes; 2019; |g w| ÷ Σ |g w|
  Lee et al., SNIP: single-shot network pruning based on connection sensitivity
  pw.prune(model, 0.9, 'snip', data=(x, y))
grasp; at initialisation; inputs and labels; yes; no; yes; 2020; w (H g)
  Wang, Zhang and Grosse, Picking winning tickets before training by preserving gradient flow
  pw.prune(model, 0.9, 'grasp', data=(x, y))
synflow; at initialisation; none; yes; no; yes; 2020; |w ∂R/∂w|, R = Σ outputs of ones with all |w|
  Tanaka et al., Pruning neural networks without any data by iteratively conserving synaptic flow
  pw.prune(model, 0.9, 'synflow', rounds=100)
gradual; in training; inputs and labels; yes; yes; no; 2017; sparsity s (1 − (1 − t)³), smallest |w| first
  Zhu and Gupta, To prune, or not to prune
  model.fit(x, y, callbacks=[pw.GradualPruning(0.9)])
tickets; in training; inputs and labels; yes; yes; no; 2019; train, remove a fifth, rewind, again
  Frankle and Carbin, The lottery ticket hypothesis
  pw.lottery_tickets(model, train, x, y)
set; in training; inputs and labels; yes; yes; yes; 2018; smallest |w| leave, random ones come back
  Mocanu et al., Scalable training of artificial neural networks with adaptive sparse connectivity
  model.fit(x, y, callbacks=[pw.SparseTraining(0.9, 'set')])
rigl; in training; inputs and labels; yes; yes; yes; 2020; smallest |w| leave, largest |g| come back
  Evci et al., Rigging the lottery: making all tickets winners
  model.fit(x, y, callbacks=[pw.SparseTraining(0.9, 'rigl', data=(x, y))])
granet; in training; inputs and labels; yes; yes; no; 2021; as rigl, while the sparsity rises as in gradual
  Liu et al., Sparse training via boosting pruning plasticity with neuroregeneration
  model.fit(x, y, callbacks=[pw.SparseTraining(0.9, 'granet', data=(x, y))])
acdc; in training; inputs and labels; yes; yes; yes; 2021; sparse and dense by turns, smallest |w| first
  Peste et al., AC/DC: alternating compressed/decompressed training of deep neural networks
  model.fit(x, y, callbacks=[pw.SparseTraining(0.9, 'acdc')])
learned_thresholds; in training; inputs and labels; yes; yes; no; 2020; w shrunk by sigmoid(s), s learned
  Kusupati et al., Soft threshold weight reparameterization for learnable sparsity
  with pw.learned_thresholds(model, sparsity=0.5): model.fit(x, y)
sr_ste; in training; inputs and labels; yes; yes; yes; 2021; n largest |w| of m stay; the others learn, too
  Zhou et al., Learning N:M fine-grained structured sparse neural networks from scratch
  with pw.sr_ste(model, n_of_m=(2, 4)): model.fit(x, y)
slimming; in training; inputs and labels; yes; yes; no; 2017; loss + strength · Σ |γ|, then as batch_norm
  Liu et al., Learning efficient convolutional networks through network slimming
  with pw.slimming(model): model.fit(x, y)
variational_dropout; in training; inputs and labels; yes; yes; no; 2017; noise √α θ ε; largest α leaves
  Molchanov, Ashukha and Vetrov, Variational dropout sparsifies deep neural networks
  with pw.variational_dropout(model, len(x), 0.9): model.fit(x, y)
l1; units; none; no; no; no; 2017; Σ |w| of a unit
  Li et al., Pruning filters for efficient ConvNets
  pw.unit_score(model, criterion='l1')
geometric_median; units; none; no; no; no; 2019; Σ distance to the other units
  He et al., Filter pruning via geometric median for deep convolutional neural networks acceleration
  pw.unit_score(model, criterion='geometric_median')
batch_norm; units; none; no; no; no; 2017; |γ| of the normalisation that follows
  Liu et al., Learning efficient convolutional networks through network slimming
  pw.unit_score(model, criterion='batch_norm')
"""


def methods() -> "pd.DataFrame":
    """Return a table of all pruning methods, one row each.

    Returns:
        A frame with the columns

        - name: as it is written in the call;
        - kind: "score" (ranks weights), "allocation" (how much each layer gives up), "layer-wise solver"
          (changes the weights that stay, too), "at initialisation" (scores meant for an untrained network),
          "in training", or "units" (whole channels and neurons);
        - data: "none", "inputs" or "inputs and labels";
        - gradients, training: whether it needs them;
        - n_of_m: whether it can keep n of every m weights: a score through ``pw.patterns.n_of_m``, a solver
          or a method in training by its argument of that name;
        - year, paper: where it comes from; missing for those that are nobody's in particular;
        - formula: what the highest scores of are kept, or what is done; g is the gradient of the loss;
        - call: an example, for a model, inputs x and labels y.

    Example:
        >>> table = pw.methods()
        >>> table[table.kind == "layer-wise solver"][["name", "data", "n_of_m", "year"]]
                 name    data  n_of_m  year
        13        obs  inputs    True  1993
        14        obc  inputs    True  2022
        15  sparsegpt  inputs    True  2023
        16     thinet  inputs   False  2017
        >>> table.set_index("name").loc["wanda", "call"]
        "pw.prune(model, 0.5, 'wanda', 'output', data=(x, None))"
    """
    import pandas as pd

    lines = [line.strip() for line in _TABLE.strip().splitlines()]
    rows = []
    for what, paper, call in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name, kind, data, gradients, training, n_of_m, year, formula = what.split("; ", 7)
        needs = (one == "yes" for one in (gradients, training, n_of_m))
        rows.append([name, kind, data, *needs, None if year == "-" else int(year), formula, paper, call])
    return pd.DataFrame(rows, columns=COLUMNS).astype({"year": "Int64"}).replace({"paper": {"-": None}})

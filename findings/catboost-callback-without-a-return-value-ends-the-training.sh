#!/usr/bin/env bash
# A CatBoost callback that only logs, and returns nothing.
# Guess: None is no answer, so training goes on (as in LightGBM, Keras, XGBoost before 1.3) or CatBoost objects.
# Behaviour: whatever is false ends the training after its first tree, without a word: 1 tree instead of 50.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python catboost==1.2.10 numpy==2.4.6 pandas==3.0.0
venv/bin/python - <<'PY'
import catboost
import numpy as np

print("catboost", catboost.__version__)
print("guess: a callback without a return value sees 50 rounds")
draw = np.random.default_rng(0)
x = draw.normal(size=(200, 3))
y = x[:, 0] + draw.normal(size=200)


class Logger:
    def __init__(self, answer):
        self.rounds, self.answer = [], answer

    def after_iteration(self, info):
        self.rounds.append(info.iteration)
        return self.answer


trees = {}
for answer in (None, True):
    model = catboost.CatBoostRegressor(iterations=50, verbose=False, random_seed=0)
    logger = Logger(answer)
    model.fit(x, y, callbacks=[logger])
    trees[answer] = model.tree_count_
    print(f"seen: returns {answer}: {len(logger.rounds)} rounds, {model.tree_count_} trees, no error")
assert trees == {None: 1, True: 50}, trees
PY

#!/usr/bin/env bash
# CatBoost with metric_period=5 and a callback that logs the last value of info.metrics each round.
# Guess: a round without an evaluation brings no metrics, or a gap.
# Behaviour: the lists keep the last evaluation, so `values[-1]` of the rounds between is an old value:
# a chart by round becomes a staircase, and list length and round are not the same thing.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python catboost==1.2.10 numpy==2.4.6 pandas==3.0.0
venv/bin/python - <<'PY'
import catboost
import numpy as np

print("catboost", catboost.__version__)
print("guess: rounds that are not evaluated bring no value")
draw = np.random.default_rng(0)
x = draw.normal(size=(200, 3))
y = x[:, 0] + draw.normal(size=200)
seen = []


class Logger:
    def after_iteration(self, info):
        values = info.metrics["learn"]["RMSE"]
        seen.append((info.iteration, len(values), round(values[-1], 4)))
        return True


catboost.CatBoostRegressor(iterations=10, metric_period=5, verbose=False, random_seed=0).fit(x, y, callbacks=[Logger()])
for row in seen:
    print("seen: round %d, %d values so far, the last is %s" % row)
with open("catboost_info/learn_error.tsv") as file:
    print("CatBoost's own file:", [line.split()[0] for line in file][1:])
assert [count for _, count, _ in seen] == [1, 1, 1, 1, 1, 2, 2, 2, 2, 3]
assert len({value for _, _, value in seen[:5]}) == 1
PY

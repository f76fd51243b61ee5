"""LightGBM and XGBoost on the columns that the benchmark wrote: `peers.py FOLDER`. One thread; best of three; JSON on standard output."""

import json
import pathlib
import sys
import time

import lightgbm
import numpy
import xgboost

ROUNDS, DEPTH, RATE, BATCH, REPEATS = 100, 6, 0.1, 1000, 3


def columns(folder, name, count):
    return numpy.fromfile(folder / name).reshape(count, -1)


def best(work):
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - start)
    return min(times), answer


def auc(target, score):
    """The share of pairs in the right order, ties counting half."""
    _, inverse, count = numpy.unique(score, return_inverse=True, return_counts=True)
    ranks = (count.cumsum() - (count - 1) / 2)[inverse]
    positive = target.sum()
    negative = len(target) - positive
    return (ranks[target == 1].sum() - positive * (positive + 1) / 2) / (positive * negative)


def train_lightgbm(features, target):
    parameters = {
        "objective": "binary", "max_depth": DEPTH, "num_leaves": 2**DEPTH, "learning_rate": RATE, "num_threads": 1, "verbose": -1,
    }
    return lightgbm.train(parameters, lightgbm.Dataset(features, target), ROUNDS)


def train_xgboost(features, target):
    parameters = {"objective": "binary:logistic", "max_depth": DEPTH, "eta": RATE, "tree_method": "hist", "nthread": 1}
    return xgboost.train(parameters, xgboost.DMatrix(features, target, nthread=1), ROUNDS)


def in_batches(predict, rows):
    return numpy.concatenate([predict(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)])


def main():
    folder = pathlib.Path(sys.argv[1])
    count = len((folder / "names").read_text().splitlines())
    *features, target = columns(folder, "train", count)
    features = numpy.ascontiguousarray(numpy.array(features).T)
    *rows, truth = columns(folder, "test", count)
    rows = numpy.ascontiguousarray(numpy.array(rows).T)
    narrow = rows.astype(numpy.float32)
    lightgbm_seconds, light = best(lambda: train_lightgbm(features, target))
    xgboost_seconds, extreme = best(lambda: train_xgboost(features, target))
    # XGBoost has two ways to predict from an array; the faster one counts.
    in_place, score = best(lambda: in_batches(extreme.inplace_predict, narrow))
    matrix, _ = best(lambda: in_batches(lambda batch: extreme.predict(xgboost.DMatrix(batch, nthread=1)), narrow))
    light_predict, light_score = best(lambda: in_batches(lambda batch: light.predict(batch, num_threads=1), rows))
    print(json.dumps({
        "lightgbm": {
            "version": lightgbm.__version__, "train_seconds": lightgbm_seconds,
            "rows_per_second": len(rows) / light_predict, "auc": auc(truth, light_score),
        },
        "xgboost": {
            "version": xgboost.__version__, "train_seconds": xgboost_seconds,
            "rows_per_second": len(rows) / min(in_place, matrix), "auc": auc(truth, score),
        },
    }))


main()

"""XGBoost, LightGBM and CatBoost themselves."""

import types

import pytest

import integraviz
from stand_in_api import until

numpy = pytest.importorskip("numpy")


@pytest.fixture
def data():
    random = numpy.random.default_rng(1)
    x = random.normal(size=(120, 4))
    y = (x[:, 0] + random.normal(size=120) > 0).astype(int)
    return x[:80], y[:80], x[80:], y[80:]


@pytest.fixture
def stopping(api):
    """Asks the run to stop from a callback of the framework's own, and waits until it knows."""

    def stopping(run, rounds, at=2):
        rounds.append(len(rounds))
        if len(rounds) == at + 1:
            api.stop("r", "enough")
            until(lambda: run.stop_requested, "the stop is known")

    return stopping


def epochs(api):
    return [(event["epoch"], event["logs"]) for event in api.of_kind("on_epoch_end")]


class TestXGBoost:
    xgb = property(lambda self: pytest.importorskip("xgboost"))
    params = {"objective": "binary:logistic", "max_depth": 2, "eval_metric": ["logloss", "error"], "nthread": 1}

    def test_names_splits_and_rounds(self, begin, api, data):
        run = begin()
        train, valid = self.xgb.DMatrix(*data[:2]), self.xgb.DMatrix(*data[2:])
        results = {}
        sets = [(train, "train"), (valid, "eval"), (valid, "holdout")]
        callbacks = [integraviz.XGBoostCallback(run)]
        model = self.xgb.train(
            self.params, train, 3, evals=sets, evals_result=results, verbose_eval=False, callbacks=callbacks
        )
        again = self.xgb.train(
            self.params, train, 1, evals=sets, verbose_eval=False, callbacks=callbacks, xgb_model=model
        )
        run.finish()
        assert again.num_boosted_rounds() == 4
        found = epochs(api)
        assert [epoch for epoch, _ in found] == [0, 1, 2, 0]
        assert set(found[0][1]) == {"logloss", "error", "val_logloss", "val_error", "holdout/logloss", "holdout/error"}
        assert [logs["val_logloss"] for _, logs in found[:3]] == results["eval"]["logloss"]

    def test_a_cross_validation(self, begin, api, data):
        run = begin()
        result = self.xgb.cv(
            self.params,
            self.xgb.DMatrix(*data[:2]),
            2,
            nfold=2,
            as_pandas=False,
            callbacks=[integraviz.XGBoostCallback(run)],
        )
        run.finish()
        found = epochs(api)
        assert set(found[0][1]) >= {"logloss", "logloss_std", "test_logloss", "test_logloss_std"}
        assert found[1][1]["test_logloss"] == pytest.approx(result["test-logloss-mean"][1], abs=1e-5)

    @pytest.mark.parametrize("of", ["train", "cv"])
    def test_a_stop(self, begin, api, data, stopping, of):
        run, rounds = begin(), []
        watch = type(
            "Watch",
            (self.xgb.callback.TrainingCallback,),
            {"after_iteration": lambda *_: stopping(run, rounds) or False},
        )
        callbacks = [watch(), integraviz.XGBoostCallback(run)]
        train = self.xgb.DMatrix(*data[:2])
        if of == "train":
            model = self.xgb.train(
                self.params, train, 50, evals=[(train, "train")], verbose_eval=False, callbacks=callbacks
            )
            assert model.num_boosted_rounds() == 3
        else:
            result = self.xgb.cv(self.params, train, 50, nfold=2, as_pandas=False, callbacks=callbacks)
            assert len(result["test-logloss-mean"]) == 3
        run.finish()
        assert api.of_kind("on_train_end")[0]["logs"]["status"] == "stopped"

    def test_the_interface_of_scikit_learn(self, begin, api, data):
        pytest.importorskip("sklearn")
        run = begin()
        model = self.xgb.XGBClassifier(n_estimators=2, n_jobs=1, callbacks=[integraviz.XGBoostCallback(run)])
        model.fit(*data[:2], eval_set=[data[:2], data[2:]], verbose=False)
        run.finish()
        assert set(epochs(api)[0][1]) == {"validation_0/logloss", "validation_1/logloss"}


class TestLightGBM:
    lgb = property(lambda self: pytest.importorskip("lightgbm"))
    params = {"objective": "binary", "metric": ["binary_logloss", "auc"], "verbosity": -1, "num_threads": 1}

    def sets(self, data):
        train = self.lgb.Dataset(*data[:2], free_raw_data=False)
        return train, train.create_valid(*data[2:])

    def test_names_splits_and_rounds(self, begin, api, data):
        run = begin()
        train, valid = self.sets(data)
        results = {}
        callbacks = [integraviz.LightGBMCallback(run), self.lgb.record_evaluation(results)]
        more = {"valid_sets": [train, valid], "valid_names": ["train", "valid"], "callbacks": callbacks}
        model = self.lgb.train(self.params, train, 3, **more)
        first = list(results["valid"]["auc"])
        self.lgb.train(self.params, train, 2, init_model=model, **more)
        run.finish()
        found = epochs(api)
        assert [epoch for epoch, _ in found] == [0, 1, 2, 3, 4]
        assert set(found[0][1]) == {"binary_logloss", "auc", "val_binary_logloss", "val_auc"}
        assert [logs["val_auc"] for _, logs in found[:3]] == first
        assert api.of_kind("params")[0]["logs"]["objective"] == "binary"

    def test_a_cross_validation(self, begin, api, data):
        run = begin()
        result = self.lgb.cv(
            self.params,
            self.sets(data)[0],
            2,
            nfold=2,
            eval_train_metric=True,
            callbacks=[integraviz.LightGBMCallback(run)],
        )
        run.finish()
        found = epochs(api)
        assert set(found[0][1]) == {
            name + end for name in ("binary_logloss", "auc", "val_binary_logloss", "val_auc") for end in ("", "_std")
        }
        assert [logs["val_auc"] for _, logs in found] == result["valid auc-mean"]
        assert [logs["val_auc_std"] for _, logs in found] == result["valid auc-stdv"]

    def test_a_stop(self, begin, api, data, stopping):
        run, rounds = begin(), []
        train, valid = self.sets(data)

        class Watch:
            order = 1

            def __call__(self, _env):
                stopping(run, rounds)

        model = self.lgb.train(
            self.params, train, 50, valid_sets=[valid], callbacks=[Watch(), integraviz.LightGBMCallback(run)]
        )
        run.finish()
        assert (model.current_iteration(), model.best_iteration) == (3, 3)

    def test_a_run_of_its_own_ends_with_the_last_round_and_early_stopping_keeps_none_from_it(self, given, api, data):
        train, valid = self.sets(data)
        callback = integraviz.LightGBMCallback(**given)
        self.lgb.train(self.params, train, 2, valid_sets=[valid], callbacks=[callback])
        assert api.of_kind("on_train_end")[0]["logs"] == {"status": "finished"}
        other = integraviz.LightGBMCallback(**given)
        model = self.lgb.train(
            self.params, train, 50, valid_sets=[valid], callbacks=[other, self.lgb.early_stopping(1, verbose=False)]
        )
        other.run.finish()
        assert len(epochs(api)) - 2 == model.best_iteration + 1


class TestCatBoost:
    @pytest.fixture(autouse=True)
    def needs(self):
        self.catboost = pytest.importorskip("catboost")

    def model(self, rounds, **more):
        return self.catboost.CatBoostClassifier(
            iterations=rounds, depth=2, verbose=False, allow_writing_files=False, thread_count=1, **more
        )

    def test_names_splits_and_rounds(self, begin, api, data):
        run = begin()
        model = self.model(3, custom_metric=["Accuracy"])
        model.fit(*data[:2], eval_set=data[2:], callbacks=[integraviz.CatBoostCallback(run)])
        run.finish()
        found = epochs(api)
        assert [epoch for epoch, _ in found] == [0, 1, 2]
        assert set(found[0][1]) == {"Logloss", "Accuracy", "val_Logloss", "val_Accuracy"}
        assert [logs["val_Logloss"] for _, logs in found] == model.evals_result_["validation"]["Logloss"]

    def test_rounds_that_were_not_evaluated_have_no_points(self, begin, api, data):
        run = begin()
        callback = integraviz.CatBoostCallback(run)
        for _ in range(2):
            self.model(10, metric_period=5).fit(*data[:2], callbacks=[callback])
        run.finish()
        assert [epoch for epoch, _ in epochs(api)] == [0, 5, 9, 0, 5, 9]

    def test_a_stop(self, begin, data, stopping):
        run, rounds = begin(), []
        watch = types.SimpleNamespace(after_iteration=lambda _info: stopping(run, rounds) or True)
        model = self.model(50)
        model.fit(*data[:2], callbacks=[watch, integraviz.CatBoostCallback(run)])
        run.finish()
        assert model.tree_count_ == 3


def test_nothing_is_logged_of_rounds_without_metrics(begin, api):
    run = begin()
    integraviz.CatBoostCallback(run).after_iteration(types.SimpleNamespace(iteration=1, metrics=None))
    run.finish()
    assert epochs(api) == []

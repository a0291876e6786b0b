"""scikit-learn and Optuna themselves."""

import pytest

import integraviz


class TestScikitLearn:
    @pytest.fixture
    def digits(self):
        datasets = pytest.importorskip("sklearn.datasets")
        x, y = datasets.load_digits(return_X_y=True)
        return x[:400], y[:400], x[400:600], y[400:600]

    def test_parameters_curves_and_a_score(self, begin, api, digits, said):
        from sklearn.neural_network import MLPClassifier

        run = begin()
        model = MLPClassifier((8,), max_iter=5, early_stopping=True, n_iter_no_change=5, random_state=1)
        model.fit(*digits[:2])
        assert integraviz.log_estimator(model, *digits[2:], run=run, metrics={"f1": 0.5}) is run
        run.finish()
        params = api.of_kind("params")[0]["logs"]
        assert params["hidden_layer_sizes"] == [8] and params["max_iter"] == 5
        found = [(event["epoch"], event["logs"]) for event in api.of_kind("on_epoch_end")]
        assert [logs["loss"] for _, logs in found if "loss" in logs] == pytest.approx(model.loss_curve_)
        assert [logs["val_score"] for _, logs in found if "val_score" in logs] == pytest.approx(
            model.validation_scores_
        )
        assert found[-1] == (4, {"test_f1": 0.5, "test_score": model.score(*digits[2:])})
        assert api.of_kind("tags")[0]["logs"] == {"estimator": "MLPClassifier"}
        assert said == []

    def test_each_candidate_of_a_search_is_a_step(self, begin, api, digits):
        from sklearn.linear_model import RidgeClassifier
        from sklearn.model_selection import GridSearchCV

        run = begin()
        search = GridSearchCV(RidgeClassifier(), {"alpha": [0.1, 1.0, 10.0]}, cv=2).fit(*digits[:2])
        integraviz.log_estimator(search, run=run)
        run.finish()
        steps = api.of_kind("on_train_batch_end")
        assert [event["logs"]["val_mean_score"] for event in steps] == pytest.approx(
            list(search.cv_results_["mean_test_score"])
        )
        assert [event["logs"]["params"] for event in api.of_kind("trial")] == [
            {"alpha": 0.1},
            {"alpha": 1.0},
            {"alpha": 10.0},
        ]
        assert api.of_kind("params")[-1]["logs"] == {"best/alpha": search.best_params_["alpha"]}

    def test_what_is_no_estimator_is_told_and_raises_nothing(self, begin, said):
        run = begin()
        integraviz.log_estimator(object(), run=run)
        assert len(said) == 1 and "not all of object can be logged" in said[0]


class TestOptuna:
    @pytest.fixture
    def optuna(self):
        optuna = pytest.importorskip("optuna")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        return optuna

    def test_trials_with_their_values_and_states(self, begin, api, optuna):
        def objective(trial):
            x = trial.suggest_float("x", 0, 1)
            for step in range(3):
                trial.report(x * step, step)
            if trial.number == 1:
                raise optuna.TrialPruned
            if trial.number == 2:
                raise ValueError("not ours")
            return float("inf") if trial.number == 3 else x

        run = begin()
        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(1))
        study.optimize(objective, n_trials=5, callbacks=[integraviz.OptunaCallback(run)], catch=ValueError)
        run.finish()
        trials = [event["logs"] for event in api.of_kind("trial")]
        assert [trial["state"] for trial in trials] == ["COMPLETE", "PRUNED", "FAIL", "COMPLETE", "COMPLETE"]
        assert [trial["params"] for trial in trials] == [trial.params for trial in study.trials]
        assert set(trials[0]["intermediate"]) == {"0", "1", "2"} and trials[0]["seconds"] >= 0
        # A pruned trial has its last report for a value.
        values = {event["step"]: event["logs"]["value"] for event in api.of_kind("on_train_batch_end")}
        assert set(values) == {0, 1, 3, 4} and values[3] == {"$num": "Infinity"}
        assert api.of_kind("define")[0]["logs"] == {"metric": "value", "best": "max"}

    def test_several_objectives_in_several_threads(self, begin, api, optuna):
        run = begin()
        study = optuna.create_study(directions=["minimize", "maximize"])
        study.set_metric_names(["loss", "accuracy"])
        callback = integraviz.OptunaCallback(run)
        study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 1.0), n_trials=20, n_jobs=4, callbacks=[callback])
        run.finish()
        assert sorted(event["step"] for event in api.of_kind("on_train_batch_end")) == list(range(20))
        assert set(api.of_kind("on_train_batch_end")[0]["logs"]) == {"loss", "accuracy"}

    def test_a_stop(self, begin, api, optuna):
        from stand_in_api import until

        run = begin()

        def objective(trial):
            if trial.number == 3:
                api.stop("r", "enough")
                until(lambda: run.stop_requested, "the stop is known")
            return trial.suggest_float("x", 0, 1)

        study = optuna.create_study()
        study.optimize(objective, n_trials=100, callbacks=[integraviz.OptunaCallback(run)])
        run.finish()
        assert len(study.trials) == 4
        assert api.of_kind("on_train_end")[0]["logs"]["status"] == "stopped"

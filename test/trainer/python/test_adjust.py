"""Another learning rate that is asked for: set by the framework itself, read back, and answered."""

import os
import types

import pytest

import integraviz
from stand_in_api import until

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

numpy = pytest.importorskip("numpy")


@pytest.fixture
def ask(api):
    """Asks the run for another value, and waits until it knows."""

    def ask(run, value, name="learning_rate"):
        api.adjust("r", name, value)
        until(lambda: run.requested(name) == value, "the request is known")

    return ask


def answers(api):
    return [
        (event["kind"], event.get("epoch"), event["logs"].get("applied", event["logs"].get("why")))
        for event in api.of_kind("adjust_applied", "adjust_refused")
    ]


def test_a_loop_of_its_own(begin, api, ask):
    run = begin()
    assert run.requested("learning_rate") is None
    rate = 0.1
    for epoch in range(3):
        wanted = run.requested("learning_rate")
        if wanted is not None:
            rate = wanted
            run.applied("learning_rate", numpy.float64(rate), epoch=epoch)
        if epoch == 0:
            ask(run, 0)
    run.finish()
    assert rate == 0 and answers(api) == [("adjust_applied", 1, 0.0)]
    assert api.of_kind("adjust_applied")[0]["logs"]["adjust_event_id"] == "adjust-0"


def test_an_answer_is_to_what_was_handed_out_although_another_came_since(begin, api, ask):
    run = begin()
    ask(run, 0.1)
    api.adjust("r", "learning_rate", 0.2)
    until(lambda: run._adjustments["learning_rate"].value == 0.2, "the newer request is known")
    run.applied("learning_rate", 0.1)
    assert run.requested("learning_rate") == 0.2
    run.applied("learning_rate", 0.2)
    run.finish()
    told = [event["logs"]["adjust_event_id"] for event in api.of_kind("adjust_applied", "adjust_refused")]
    assert told == ["adjust-0.1", "adjust-0.2"] and answers(api)[1] == ("adjust_applied", None, 0.2)


@pytest.mark.parametrize(
    "adjust", [5, [], {"learning_rate": 5}, {"learning_rate": {"value": 1}}, {"a": {"event_id": "x", "value": "1"}}]
)
def test_an_answer_that_makes_no_sense_asks_for_nothing(begin, api, said, adjust):
    api.script.append({"status": 200, "body": {"accepted": 3, "control": {"r": {"stop": None, "adjust": adjust}}}})
    run = begin()
    run.log({"loss": 1})
    run.finish()
    assert answers(api) == [] and said == []


def test_a_run_that_begins_again_is_not_asked_what_it_was_before(given, api, said):
    attached = integraviz._Attached(None, given)
    run = attached.begin()
    api.adjust("r", "learning_rate", 0.5)
    until(lambda: run.requested("learning_rate"), "the request is known")
    attached.end()
    attached.begin()
    run.log({"loss": 1})
    attached.end()
    assert answers(api) == [("adjust_refused", None, "the training ended before it was set")]


def group(rate):
    return {"lr": rate}


def asking_lightgbm(ask, run):
    """A callback that asks for a rate of 0.001 in the second iteration."""

    def watch(env):
        if env.iteration == 1:
            ask(run, 0.001)

    watch.order = 20
    return watch


class Tensor:
    def __init__(self, value):
        self.value = value

    def fill_(self, value):
        self.value = value

    def __float__(self):
        return float(self.value)


@pytest.mark.parametrize(
    "rates, schedule, asked, after",
    [
        ([0.1], None, 0.05, [0.05]),
        ([0.1, 0.01], "CosineAnnealingLR", 0.05, [0.05, 0.005]),
        ([0.0], None, 0.05, [0.05]),
        ([Tensor(0.1)], "StepLR", 0.05, [0.05]),
        ([0.0, 0.1], None, 0.05, "several groups of parameters"),
        ([0.1], "CyclicLR", 0.05, "CyclicLR sets a rate of its own"),
        ([0.1], None, -1, "0 or more"),
    ],
)
def test_a_loop_of_pytorch(begin, api, ask, rates, schedule, asked, after):
    run = begin()
    optimizer = types.SimpleNamespace(param_groups=[group(rate) for rate in rates])
    run.adjust(optimizer, epoch=0)
    ask(run, asked)
    run.adjust(optimizer, schedule and type(schedule, (), {})(), epoch=1)
    run.finish()
    [(kind, epoch, said)] = answers(api)
    if isinstance(after, str):
        assert kind == "adjust_refused" and after in said
    else:
        assert (kind, epoch, said) == ("adjust_applied", 1, asked)
        assert [float(each["lr"]) for each in optimizer.param_groups] == pytest.approx(after)


class TestKeras:
    @pytest.fixture
    def keras(self):
        pytest.importorskip("jax")
        return pytest.importorskip("keras")

    def fit(self, keras, run, on_epoch, rate=0.5, callbacks=(), **given):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(rate), "mse")
        weights = []

        def on_epoch_end(epoch, logs):
            weights.append(float(model.get_weights()[0][0][0]))
            on_epoch(epoch)

        watch = keras.callbacks.LambdaCallback(on_epoch_end=on_epoch_end)
        x = numpy.random.default_rng(1).normal(size=(32, 2))
        model.fit(
            x, x[:, 0], epochs=4, batch_size=8, verbose=0, callbacks=[watch, integraviz.Integraviz(run), *callbacks]
        )
        run.finish()
        return weights

    def test_the_optimizer_goes_on_with_what_was_read_back(self, begin, api, ask, keras):
        run = begin()
        weights = self.fit(keras, run, lambda epoch: epoch == 1 and ask(run, 0))
        # With a rate of 0 nothing is learned any more.
        assert weights[0] != weights[1] == weights[2] == weights[3]
        assert answers(api) == [("adjust_applied", 2, 0.0)]
        assert api.of_kind("adjust_applied")[0]["step"] == 8
        rates = [event["logs"]["learning_rate"] for event in api.of_kind("on_epoch_end")]
        assert rates == [0.5, 0.5, 0.0, 0.0]

    def test_a_schedule_of_the_optimizer_refuses_it(self, begin, api, ask, keras):
        run = begin()
        schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 4, 0.5)
        weights = self.fit(keras, run, lambda epoch: epoch == 1 and ask(run, 0), schedule)
        assert weights[1] != weights[2]
        [(kind, _, why)] = answers(api)
        assert kind == "adjust_refused" and "LearningRateSchedule" in why

    def test_a_callback_that_sets_another_is_told(self, begin, api, ask, keras):
        run = begin()
        scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: 0.25)
        self.fit(keras, run, lambda epoch: epoch == 1 and ask(run, 0), callbacks=[scheduler])
        [(kind, epoch, why)] = answers(api)
        assert (kind, epoch) == ("adjust_refused", 2) and "0.25 was read back" in why

    def test_what_is_no_learning_rate_is_refused(self, begin, api, ask, keras):
        run = begin()
        self.fit(keras, run, lambda epoch: epoch == 1 and ask(run, 0.5, "momentum"))
        assert answers(api) == [("adjust_refused", None, "this callback sets learning_rate alone")]


class TestBoosting:
    """Two rounds, then another rate: the trees that follow are grown with it."""

    @pytest.fixture
    def data(self):
        x = numpy.random.default_rng(1).normal(size=(120, 4))
        return x, (x[:, 0] > 0).astype(int)

    @pytest.mark.parametrize("of", ["train", "cv"])
    def test_xgboost(self, begin, api, ask, data, of):
        xgb = pytest.importorskip("xgboost")
        run = begin()

        class Watch(xgb.callback.TrainingCallback):
            def after_iteration(self, model, epoch, log):
                if epoch == 1:
                    ask(run, 0.0)
                return False

        params = {"objective": "binary:logistic", "max_depth": 2, "nthread": 1}
        more = {"callbacks": [Watch(), integraviz.XGBoostCallback(run)]}
        train = xgb.DMatrix(*data)
        if of == "train":
            xgb.train(params, train, 4, evals=[(train, "train")], verbose_eval=False, **more)
        else:
            xgb.cv(params, train, 4, nfold=2, as_pandas=False, **more)
        run.finish()
        assert answers(api) == [("adjust_applied", 2, 0.0)]
        losses = [event["logs"]["logloss"] for event in api.of_kind("on_epoch_end")]
        assert losses[0] > losses[1] == losses[2] == losses[3]

    def test_xgboost_with_a_scheduler_of_its_own(self, begin, api, ask, data):
        xgb = pytest.importorskip("xgboost")
        run = begin()
        scheduler = xgb.callback.LearningRateScheduler(lambda epoch: 0.25 if epoch != 0 else ask(run, 0.5) or 0.25)
        callbacks = [scheduler, integraviz.XGBoostCallback(run)]
        xgb.train({"nthread": 1}, xgb.DMatrix(*data), 3, callbacks=callbacks)
        run.finish()
        assert [kind for kind, _, _ in answers(api)] == ["adjust_refused"]

    @pytest.mark.parametrize("of", ["gbdt", "dart", "cv"])
    def test_lightgbm(self, begin, api, ask, data, of):
        lgb = pytest.importorskip("lightgbm")
        run = begin()
        watch = asking_lightgbm(ask, run)
        params = {"objective": "binary", "verbosity": -1, "num_threads": 1, "boosting": "gbdt" if of == "cv" else of}
        callbacks = [watch, integraviz.LightGBMCallback(run)]
        if of == "cv":
            lgb.cv(params, lgb.Dataset(*data), 4, nfold=2, callbacks=callbacks)
        else:
            model = lgb.train(params, lgb.Dataset(*data), 4, callbacks=callbacks)
            shrinkage = [tree["shrinkage"] for tree in model.dump_model()["tree_info"]]
            # DART weighs what it grew before anew.
            assert shrinkage[1] > 0.05 and shrinkage[2] == pytest.approx(0.001, rel=0.5 if of == "dart" else 1e-6)
        run.finish()
        assert answers(api) == [("adjust_applied", 2, 0.001)]

    def test_a_forest_of_lightgbm_has_no_rate(self, begin, api, ask, data):
        lgb = pytest.importorskip("lightgbm")
        run = begin()
        watch = asking_lightgbm(ask, run)
        params = {"objective": "binary", "verbosity": -1, "num_threads": 1, "boosting": "rf"}
        params.update(bagging_freq=1, bagging_fraction=0.5)
        lgb.train(params, lgb.Dataset(*data), 4, callbacks=[watch, integraviz.LightGBMCallback(run)])
        run.finish()
        [(kind, epoch, why)] = answers(api)
        assert (kind, epoch) == ("adjust_refused", 2) and "1 was read back" in why

    def test_catboost_refuses(self, begin, api, ask):
        run = begin()
        callback = integraviz.CatBoostCallback(run)
        ask(run, 0.1)
        assert callback.after_iteration(types.SimpleNamespace(iteration=1, metrics={"learn": {"RMSE": [1.0]}}))
        run.finish()
        assert answers(api) == [("adjust_refused", None, "CatBoost lets no callback set anything")]

    def test_a_study_refuses(self, begin, api, ask):
        optuna = pytest.importorskip("optuna")
        run = begin()
        ask(run, 0.1)
        optuna.create_study().optimize(lambda trial: 1.0, n_trials=1, callbacks=[integraviz.OptunaCallback(run)])
        run.finish()
        assert [kind for kind, _, _ in answers(api)] == ["adjust_refused"]


def test_an_estimator_that_was_fitted_refuses(begin, api, ask):
    linear_model = pytest.importorskip("sklearn.linear_model")
    run = begin()
    ask(run, 0.1)
    fitted = linear_model.SGDRegressor(max_iter=5, tol=None).fit(numpy.ones((4, 1)), numpy.ones(4))
    integraviz.log_estimator(fitted, run=run)
    run.finish()
    [(kind, _, why)] = answers(api)
    assert kind == "adjust_refused" and "ended before" in why

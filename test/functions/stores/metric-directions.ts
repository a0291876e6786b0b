/** Names of metrics by which value is the better one, as every store and the page judge them. */
export const METRIC_DIRECTIONS = {
  low: [
    ...["loss", "LOSSES", "value_loss", "dice_loss", "dice_loss_fg", "loss_dice", "loss_iou", "logloss", "loss/aux"],
    ...["loss_1", "loss at 5", "accuracy\nloss", "accuracy_loss", "end_to_end_loss"],
    ...["Error", "errors", "error_rate", "map_error", "return_error", "err", "err_rate", "wer_err"],
    ...["MAE", "mae_2", "rmse", "mse.1", "mape", "smape", "RMSLE", "perplexity", "kl_divergence"],
    ...[
      "wer",
      "eval_wer",
      "cer",
      "eer",
      "ppl",
      "nll",
      "bpb",
      "bpc",
      "bpd",
      "fid",
      "kid",
      "FID-50k",
      "fid_score",
      "kl",
      "kld",
    ],
    ...["brier", "brier_score", "brier_score_loss", "latency", "latency_ms", "time", "step_time", "runtime"],
    ...["epoch_seconds", "time_per_epoch", "time_to_accuracy", "cost", "cost_score", "cost_per_accuracy_point"],
  ],
  high: [
    ...["acc", "accuracy", "sparse_categorical_accuracy", "F1", "top5", "top-5 accuracy", "auc_2", "mean_reward"],
    ...["rougeL", "map_at_50", "ndcg10", "hit_rate", "psnr", "text_to_image_recall", "text_to_image_accuracy"],
    ...["lossless_acc", "lossless_accuracy", "error_free_accuracy", "error\naccuracy"],
    ...["time_masked_accuracy", "time_masked_accuracy_2", "cost_sensitive_f1", "cost\nf1"],
  ],
  none: [
    ...["timesteps", "total_timesteps", "timeliness", "timely", "lossless_ratio", "glossary", "costly"],
    ...["lr", "learning_rate", "step", "steps", "epoch", "power", "wers", "fidelity", "klm", "accept", "mapping", "ü"],
  ],
} as const;

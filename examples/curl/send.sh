#!/bin/sh
# Sends what the callback of Silva & Mattoso (SBBD 2023) sends in a training of two epochs.
# Usage: send.sh URL TOKEN [RUN]
set -eu
url=$1
token=$2
run=${3:-paper-by-curl}

send() {
  curl --silent --show-error --fail-with-body "$url/?token=$token" -H 'Content-Type: application/json' -d "$1"
  echo
}

send '{"id": "'"$run"'", "description": "on_train_begin", "created_at": "2023-08-14 10:00:00.123456"}'
# Its client leaves out epoch 0.
send '{"id": "'"$run"'", "description": "on_epoch_begin", "created_at": "2023-08-14 10:00:01"}'
send '{"id": "'"$run"'", "description": "on_epoch_end", "created_at": "2023-08-14 10:00:31",
  "logs": {"loss": 0.53, "accuracy": 0.81, "val_loss": 0.48, "val_accuracy": 0.84}}'
send '{"id": "'"$run"'", "description": "on_epoch_begin", "created_at": "2023-08-14 10:00:32", "epoch": 1}'
send '{"id": "'"$run"'", "description": "on_epoch_end", "created_at": "2023-08-14 10:01:02", "epoch": 1,
  "logs": {"loss": 0.31, "accuracy": 0.89, "val_loss": 0.35, "val_accuracy": 0.88}}'
send '{"id": "'"$run"'", "description": "on_train_end", "created_at": "2023-08-14 10:01:03"}'

#!/bin/sh
# The model test on heaps of the usual sizes: a nursery of megabytes, parallel scavenging and marking
# where they are worth it, arrays of tens of MiB. The enumerated model tests keep their heaps small.
# Labels: slow
# Timeout: 240
# Presets: release
set -eu
model=$TRICOLOR_BUILD/tests/model_test
for mutators in 1 3; do
  "$model" --collector stw --barrier card --mutators $mutators --heap 192M --nursery 4M \
    --gc-threads 2 --operations 4000 --period 1000 --rounds 2 --seed 7
  "$model" --collector stw --barrier card --mutators $mutators --heap 96M --nursery 1M \
    --gc-threads 3 --stress-move on --operations 4000 --period 1000 --rounds 2 --seed 8
done

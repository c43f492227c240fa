#!/bin/sh
# The Promela model of shading half `snapshot`: it holds in every state, and each broken variant is caught.
#
# Labels: slow
# Timeout: 900
# Presets: release
set -u
MODEL_ALTERNATIVES=no exec sh "$TRICOLOR_SOURCE/barriers/models/check.sh" snapshot

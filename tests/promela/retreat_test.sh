#!/bin/sh
# The Promela model of shading half `retreat`: it holds in every state, and each broken variant is caught.
#
# Labels: slow
# Timeout: 1800
# Presets: release
set -u
MODEL_ALTERNATIVES=no exec sh "$TRICOLOR_SOURCE/barriers/models/check.sh" retreat

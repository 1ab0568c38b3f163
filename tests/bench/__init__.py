# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements: bench.py is what `make bench` runs."""

"""Tests of the reference; run them with tools/reference/test_reference.py."""

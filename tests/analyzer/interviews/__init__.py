"""Tests of interviews: what comes next in one, and what its report says."""

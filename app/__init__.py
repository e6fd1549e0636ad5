"""Processes of Greenroom: what they are built from, how they run and how they are looked after."""

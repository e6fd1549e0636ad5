"""The judge: its wire, what it is asked, and what of its answers is believed."""

"""An attempt's way from submitted to told, and the runners that move many of them."""

"""What Greenroom serves over HTTP: health, numbers, webhooks and the practice studio."""

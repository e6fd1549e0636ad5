"""What the local engine sees: faces, the direction of the head, framing and light; no more."""

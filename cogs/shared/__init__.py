"""What several features do in the same way; features never import each other."""

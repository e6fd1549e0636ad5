"""`/admin`: for whoever runs the bot."""

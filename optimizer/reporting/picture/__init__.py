"""The picture on the first screen: the map of areas, and the grid of posts and periods."""

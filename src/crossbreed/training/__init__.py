"""Populations of networks, and the engines that train them."""

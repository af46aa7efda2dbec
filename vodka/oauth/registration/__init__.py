"""How clients come to be without a page: dynamic registration, metadata documents."""

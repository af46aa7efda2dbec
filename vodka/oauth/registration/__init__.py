"""How clients come to be without a page: by registering themselves (RFC 7591, RFC 7592), or by a document about them."""

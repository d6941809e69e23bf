/* The draft's pages. */

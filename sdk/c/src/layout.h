/* Made from wit/. */

int cjson_placeholder(void);

int cinotify_placeholder(void);

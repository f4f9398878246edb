from work import told as told

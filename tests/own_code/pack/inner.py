from work import prints_index as prints_index
